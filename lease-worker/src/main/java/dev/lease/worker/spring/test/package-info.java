/**
 * Tests of an application of Spring Boot that run its jobs themselves. Needs Spring Boot's test.
 */
@NullMarked
package dev.lease.worker.spring.test;

import org.jspecify.annotations.NullMarked;
