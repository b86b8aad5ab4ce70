/** The words of a deployment: a service, its settings, its containers, steps, deadlines. */
@NullMarked
package dev.s3dock.deploy.service;

import org.jspecify.annotations.NullMarked;
