"""What models there are and what is known of them."""
