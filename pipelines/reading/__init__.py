# Raised whenever a rule changes what is read, so that stored readings can be told from fresh ones.
READER_VERSION = "7"
