/** Shows that no effect is made twice, wherever in a job its worker is killed or suspended. */
@NullMarked
package dev.lease.examples.proof;

import org.jspecify.annotations.NullMarked;
