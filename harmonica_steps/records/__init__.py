"""What is known of trainings, in the standard library only: `harmonica status` starts at once."""
