/** A bot that places orders, whose worker may die at any moment. */
@NullMarked
package dev.lease.examples.orderbot;

import org.jspecify.annotations.NullMarked;
