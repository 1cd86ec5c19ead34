"""Settings: everything a stack file may say, parsed once and checked before anything is made."""
