"""The pages of bulk actions: people are chosen, the plan is looked at, started and watched."""
