"""Papers as schools, villages and offices keep them: files, and readable tables that become files."""
