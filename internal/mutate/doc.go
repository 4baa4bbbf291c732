// Mutate takes guards out of claimlake, one by one, and shows that a test fails for each.
//
// The guards are in mutations.txt: a line of code and what stands in its place without the
// guard, and the test that has to fail then. The code is replaced by the go command's
// -overlay, so that the files of the checkout are never touched. A guard that is no longer
// found, a test that is not there, and code that does not compile are failures, too.
package main
