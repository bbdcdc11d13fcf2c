/** The console in a program that Guice puts together. Needs Guice. */
@NullMarked
package dev.lease.console.guice;

import org.jspecify.annotations.NullMarked;
