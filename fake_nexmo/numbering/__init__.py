"""What a phone number says by itself: country, network, price. Pure."""
