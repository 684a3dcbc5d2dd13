"""What a tier may cost: guidance from the contract's tier, its fee and the score interval."""
