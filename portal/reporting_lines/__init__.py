"""Reports who need another manager, because theirs leaves or an Admin moves them."""
