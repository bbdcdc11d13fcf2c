/** Where a store of your own begins: each call checks its arguments and answers as if empty. */
@NullMarked
package dev.lease.examples.customstore.skeleton;

import org.jspecify.annotations.NullMarked;
