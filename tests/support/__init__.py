"""What several tests share: small models, fake engines, real processes."""
