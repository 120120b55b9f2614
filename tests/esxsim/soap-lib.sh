# Raw vim25 SOAP with curl: sourced by soap-test.sh and test.sh. Needs $S (samples) and $GOVC_URL.
JAR=$S/.cookies; rm -f "$JAR"
N=0; FAIL=0
ENV1='<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>'
ENV2='</soapenv:Body></soapenv:Envelope>'
call() { # name body -> $R (response), $CODE
  local name=$1 body=$2; N=$((N+1)); local b; b=$(printf '%02d-%s' $N "$name")
  printf '%s%s%s\n' "$ENV1" "$body" "$ENV2" > $S/$b.req.xml
  CODE=$(curl -sk -b $JAR -c $JAR -D $S/$b.hdr.txt -o $S/$b.res.xml -w '%{http_code}' -H 'Content-Type: text/xml; charset=utf-8' -H 'SOAPAction: "urn:vim25/7.0"' --data-binary @$S/$b.req.xml $GOVC_URL)
  R=$(cat $S/$b.res.xml 2>/dev/null)
  [ -n "${QUIET:-}" ] || printf '%-44s HTTP %s  %s\n' "$b" "$CODE" "$(printf '%s' "$R" | tr -d '\n' | sed -E 's/.*<soapenv:Body>//;s/<\/soapenv:Body>.*//' | cut -c1-${W:-150})"
}
val() { printf '%s' "$R" | tr -d '\n' | grep -oP "$1" | head -1; }
expect() { [ "$CODE" = "$1" ] || { echo "   !! expected HTTP $1"; FAIL=1; }; }
M() { echo "<$1 xmlns=\"urn:vim25\"><_this type=\"$2\">$3</_this>${4:-}</$1>"; }
props() { # type moref path...
  local t=$1 m=$2; shift 2; local p=''; for x in "$@"; do p="$p<pathSet>$x</pathSet>"; done
  M RetrievePropertiesEx PropertyCollector $PC "<specSet><propSet><type>$t</type>$p</propSet><objectSet><obj type=\"$t\">$m</obj><skip>false</skip></objectSet></specSet><options/>"
}
waittask() { # task ref -> state in $STATE
  for i in $(seq 1 300); do
    STATE=$(curl -sk -b $JAR -H 'Content-Type: text/xml' --data-binary "$ENV1$(props Task $1 info.state info.error)$ENV2" $GOVC_URL | grep -oP '(queued|running|success|error)(?=</val>)' | head -1)
    [ "$STATE" = success -o "$STATE" = error ] && break; sleep 0.1
  done
  [ -n "${QUIET:-}" ] || echo "   task $1: $STATE"
}
