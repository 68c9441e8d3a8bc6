set -eu
# Long enough to be worth compressing.
padding=$(printf '%01500d' 0)
listen=$(for port in $PORTS; do printf 'listen %s; ' "$port"; done)
cat >/tmp/nginx.conf <<END
daemon off;
events {}
http {
  access_log off;
  default_type text/plain;
  server {
    $listen
    add_header X-Echo $NAME;
    return 200 "$NAME:\$server_port \$request_method \$request_uri host=\$http_host proto=\$http_x_forwarded_proto forwarded-host=\$http_x_forwarded_host port=\$http_x_forwarded_port prefix=\$http_x_forwarded_prefix user=\$remote_user added=\$http_x_added\n$padding\n";
  }
}
END
exec nginx -c /tmp/nginx.conf
