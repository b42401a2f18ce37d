// What pages do beyond links and forms: move by keyboard, keep what is typed, refresh what has changed. Nothing depends on it.
"use strict";
