"""What a change left to do: timers, deliveries, retries, the clock's driver, advance."""
