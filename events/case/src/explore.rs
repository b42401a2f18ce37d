//! Exploration: every way through a small prefecture, by breadth first, a bounded number of acts deep.
//!
//! A state is the case as folded, without what no rule asks for, together with what the rules' own check remembers.
//! The moves are every command, with a small choice of arguments, by every actor; evidence is opened, and deadlines pass.
//! No walk finds a history that breaks a rule. With one guard of `decide` taken out, each finds the shortest that does.
//!
//! Read in this order:

mod world;

mod moves;

mod state;

mod walk;

mod start;

mod words;

mod every_way;

mod every_guard;

mod mended;
