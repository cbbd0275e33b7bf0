"""One made workload, decided by our two machines, by the same rules written by hand, and by other engines; answers compared, then timed."""
