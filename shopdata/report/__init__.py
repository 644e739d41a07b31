"""What leaves the product because its owner said so: news to a group robot."""
