package dev.lease.redis;

import dev.lease.Job;

/** A job, and where a page that ends with it ends. */
record Placed(Job job, ListCursor place) {}
