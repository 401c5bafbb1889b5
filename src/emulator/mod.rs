//! The `emulator` room.
