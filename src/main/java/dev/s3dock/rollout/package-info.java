/** How hosts follow an environment one after the other: the plan, the rules, what hosts mark. */
@NullMarked
package dev.s3dock.rollout;

import org.jspecify.annotations.NullMarked;
