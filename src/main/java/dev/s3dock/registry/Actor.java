package dev.s3dock.registry;

/**
 * Who does it, for pointers and audit events.
 *
 * @param user name of the account
 * @param host name of the machine
 * @param tool name and version of this program
 */
public record Actor(String user, String host, String tool) {}
