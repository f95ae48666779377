# Written by packaging/generate.py from its template: change that one.
class Shadowpen < Formula
  desc "Ghost text that writes like its author"
  homepage "https://github.com/shadowpen/shadowpen"
  url "https://github.com/shadowpen/shadowpen/releases/download/v0.1.0/shadowpen-0.1.0.tar.gz"
  sha256 "0000000000000000000000000000000000000000000000000000000000000000"
  license "Apache-2.0"

  depends_on "python@3.13"

  # For a tap of our own: the locked wheels, each compared with its hash. Homebrew's core wants resources built from source.
  def install
    system Formula["python@3.13"].opt_bin/"python3.13", "-m", "venv", libexec
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
