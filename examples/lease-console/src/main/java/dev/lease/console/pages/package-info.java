/**
 * What the pages of the console are made of. It is public for the compiled pages alone, and no API.
 */
@NullMarked
package dev.lease.console.pages;

import org.jspecify.annotations.NullMarked;
