//! Takes findings off the bus, opens or corroborates cases; relays the log to NATS.
