"""The picture of an account at an application: set from the employee's photo, and put back."""
