//! Being put together.
