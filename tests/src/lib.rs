//! The system from outside: conformance, journeys, faults.
