"""From a plan to received clips: plan, render, recover, and what stops or follows a run."""
