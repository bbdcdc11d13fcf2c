package dev.lease.console;

import dev.lease.Backend;
import java.security.Key;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a console was told. */
record Settings(
    Backend backend,
    Guard guard,
    Access most,
    Set<String> hosts,
    Key secret,
    boolean payloads,
    @Nullable Redactor redactor) {}
