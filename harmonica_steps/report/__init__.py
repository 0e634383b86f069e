"""What people look at: the plan, the status, the summary, the report and its figures."""
