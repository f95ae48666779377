# {{written}}
class Shadowpen < Formula
  desc "{{summary}}"
  homepage "{{homepage}}"
  url "{{downloads}}/{{sdist}}"
  sha256 "{{sdist_sha256}}"
  license "{{license}}"

  depends_on "python@{{python}}"

  # For a tap of our own: the locked wheels, each compared with its hash. Homebrew's core wants resources built from source.
  def install
    system Formula["python@{{python}}"].opt_bin/"python{{python}}", "-m", "venv", libexec
    pip = [libexec/"bin/python", "-m", "pip", "install", "--no-deps", "--no-cache-dir"]
    system(*pip, "--require-hashes", "-r", "requirements/serve.lock")
    system(*pip, "--no-build-isolation", ".")
    bin.install_symlink libexec/"bin/shadowpen"
  end

  def caveats
    <<~EOS
      Get the default model once:
        shadowpen setup
    EOS
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/shadowpen --version")
  end
end
