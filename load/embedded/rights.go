package embedded

import "io"

// A reader's session keeps the role of its database and reads only. Nothing gives the
// second back; the first is taken before each statement, so that one which took another
// role would have nothing of it.

// reads is a session for the readers of a database.
func (e *engine) reads(role string) (*connection, error) {
	c, err := e.session()
	if err != nil {
		return nil, err
	}
	if err = c.take(role); err == nil {
		_, err = c.exec(io.Discard, "SET readonly = 2", "Null", nil)
	}
	if err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// take leaves the session one role.
func (c *connection) take(role string) error {
	_, err := c.exec(io.Discard, "SET ROLE "+role, "Null", nil)
	return err
}
