"""Which dated steps an organisation has chosen for joiners, movers, leavers and people on leave."""
