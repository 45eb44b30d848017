"""The Calendar: the steps of all timelines, day by day, with those that need a person first."""
