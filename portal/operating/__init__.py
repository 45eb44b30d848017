"""What the person who runs the portal needs: health, metrics, keys, the doctor."""
