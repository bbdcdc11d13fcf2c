/**
 * The console as a part of a web application of Spring Boot, behind its security. Needs Spring
 * Boot.
 */
@NullMarked
package dev.lease.console.spring;

import org.jspecify.annotations.NullMarked;
