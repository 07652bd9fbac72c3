# OpenID Connect by oauth2-proxy, which keeps the session and knows the groups. After the login it leads back to the page
# that was asked for, so a link from Slack survives it. What is no page - GraphQL - gets a plain 401.
(login) {
	handle /oauth2/* {
		reverse_proxy oauth2-proxy:4180
	}
	@page header Accept *text/html*
	@guarded not path /oauth2/*
	forward_auth @guarded oauth2-proxy:4180 {
		uri /oauth2/auth?allowed_groups={args.0}
		@unknown status 401
		handle_response @unknown {
			redir @page /oauth2/sign_in?rd={scheme}://{hostport}{uri}
			respond 401
		}
	}
}
