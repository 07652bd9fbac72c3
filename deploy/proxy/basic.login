# Names and passwords, for a few people: `caddy hash-password` makes the hashes. Who may start runs may also look.
(login) {
	import {args.0}
}
(operators) {
	basicauth {
		{$OPERATOR} {$OPERATOR_PASSWORD_HASH}
	}
}
(readers) {
	basicauth {
		{$OPERATOR} {$OPERATOR_PASSWORD_HASH}
		{$READER} {$READER_PASSWORD_HASH}
	}
}
