"""The Day one page: who starts soon, what is missing for them, and whether there are enough licences."""
