"""Reports over HTTP: anyone submits one and sees where floods were verified; who has its code follows it."""
