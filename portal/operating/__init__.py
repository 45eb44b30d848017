"""What an operator needs: the server, the doctor, health, metrics, keys and retention."""
