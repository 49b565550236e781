"""Tests that hurt: many threads and processes, killed writers, servers that fail, full disks."""
