package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io/ioutil"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/vmware/govmomi/simulator"
)

// serve starts the server. No Service.NewServer(): RegisterSDK and an http.Server of our own
// let the front rewrite requests; Listen must be set because Login reads Listen.User.
func serve(f *front, t0 time.Time) (*http.Server, error) {
	f.svc.RegisterSDK(simulator.Map)
	simulator.Trace = *flagTrace
	ln, err := net.Listen("tcp", *flagListen)
	if err != nil {
		return nil, err
	}
	host := ln.Addr().String()
	scheme := "http"
	if *flagTLS {
		scheme = "https"
	}
	f.svc.Listen = &url.URL{Scheme: scheme, Host: host, Path: "/sdk", User: url.UserPassword(*flagUser, *flagPass)}
	simulator.Map.SessionManager().ServiceHostName = host

	f.renew = func() (string, error) { return "", fmt.Errorf("there is no TLS") }
	srv := &http.Server{Handler: f.mux(), ErrorLog: log.New(quiet{}, "", 0)}
	var thumb, thumb256 string
	if *flagTLS {
		cert, der, err := selfSigned()
		if err != nil {
			return nil, err
		}
		if *flagCert != "" {
			block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
			if err := ioutil.WriteFile(*flagCert, block, 0644); err != nil {
				return nil, err
			}
		}
		s1, s256 := sha1.Sum(der), sha256.Sum256(der)
		thumb, thumb256 = colons(s1[:]), colons(s256[:])
		var current atomic.Value
		current.Store(&cert)
		srv.TLSConfig = &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return current.Load().(*tls.Certificate), nil
		}}
		f.renew = func() (string, error) {
			cert, der, err := selfSigned()
			if err != nil {
				return "", err
			}
			current.Store(&cert)
			srv.SetKeepAlivesEnabled(false) // closes idle connections: clients shake hands again
			srv.SetKeepAlivesEnabled(true)
			sum := sha256.Sum256(der)
			return colons(sum[:]), nil
		}
		ln = tls.NewListener(ln, srv.TLSConfig)
	}
	go func() {
		if err := srv.Serve(ln); err != http.ErrServerClosed {
			log.Fatal(err)
		}
	}()
	log.Printf("ready in %v: %s://%s/sdk model=%s user=%s pid=%d thumbprint=%s",
		time.Since(t0).Round(time.Millisecond), scheme, host, *flagModel, *flagUser, os.Getpid(), thumb)
	if *flagEnvFile == "" {
		return srv, nil
	}
	env := fmt.Sprintf("GOVC_URL=%s://%s/sdk\nGOVC_USERNAME=%s\nGOVC_PASSWORD=%s\nGOVC_INSECURE=true\nVCSIM_PID=%d\n"+
		"VCSIM_THUMBPRINT=%s\nVCSIM_THUMBPRINT_SHA256=%s\n", scheme, host, *flagUser, *flagPass, os.Getpid(), thumb, thumb256)
	tmp := *flagEnvFile + ".tmp"
	if err := ioutil.WriteFile(tmp, []byte(env), 0600); err != nil {
		return nil, err
	}
	return srv, os.Rename(tmp, *flagEnvFile)
}

// quiet drops the log lines of clients that go away in the middle of a handshake.
type quiet struct{}

func (quiet) Write(b []byte) (int, error) {
	if !strings.Contains(string(b), "TLS handshake error") {
		log.Print(strings.TrimSpace(string(b)))
	}
	return len(b), nil
}

func colons(b []byte) string {
	p := make([]string, len(b))
	for i, x := range b {
		p[i] = fmt.Sprintf("%02X", x)
	}
	return strings.Join(p, ":")
}

func selfSigned() (tls.Certificate, []byte, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	t := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: "esxsim", Organization: []string{"VMware"}},
		NotBefore:    time.Now().Add(-time.Hour), NotAfter: time.Now().Add(30 * 24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:    []string{"localhost"}, IPAddresses: []net.IP{net.ParseIP("127.0.0.1")},
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, der, nil
}
