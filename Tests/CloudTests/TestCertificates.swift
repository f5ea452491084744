/// An authority that nobody trusts, and a server's certificate of it for `localhost`, valid from 2020 to 2120.
///
/// Made with `openssl ca` 3.0, P-256. The key opens nothing but the server of these tests.
enum TestCertificates {
    static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIBdDCCARmgAwIBAgIBATAKBggqhkjOPQQDAjAgMR4wHAYDVQQDDBVDYXJyZWwg
        dGVzdCBhdXRob3JpdHkwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBa
        MCAxHjAcBgNVBAMMFUNhcnJlbCB0ZXN0IGF1dGhvcml0eTBZMBMGByqGSM49AgEG
        CCqGSM49AwEHA0IABPYBF3T1NzSeHU5/hegoUHnIF1nHd9FpDyzrHXPBv3vAnMrW
        2JtoC3sohuFIwOV2fIwts4x6VbqAeNwXCq3UE5qjQjBAMA8GA1UdEwEB/wQFMAMB
        Af8wDgYDVR0PAQH/BAQDAgIEMB0GA1UdDgQWBBSH2Zjv+XEzj68HytmLB/2S+d8T
        OjAKBggqhkjOPQQDAgNJADBGAiEA1MaVCeIGkY/bfdINPYezxJuvbw0xTOL89QEh
        8886az8CIQD3mS67cDoCIqfl02JQLF7tGhlv64QOihNC4gZEyvQJ9Q==
        -----END CERTIFICATE-----
        """

    static let server = """
        -----BEGIN CERTIFICATE-----
        MIIBozCCAUmgAwIBAgIBAjAKBggqhkjOPQQDAjAgMR4wHAYDVQQDDBVDYXJyZWwg
        dGVzdCBhdXRob3JpdHkwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBa
        MBQxEjAQBgNVBAMMCWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IA
        BOmci08adlQyoy5tqusFyqsWsSXR9oDzyi3EXtHewy8prMFS2JEICTa3ZePnHWUm
        e5ANUoXWak1WWVTFMIEKvZKjfjB8MBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAA
        ATAJBgNVHRMEAjAAMBMGA1UdJQQMMAoGCCsGAQUFBwMBMB0GA1UdDgQWBBS8kpn2
        txOejwuwVIY8QH3Cq2Eq7zAfBgNVHSMEGDAWgBSH2Zjv+XEzj68HytmLB/2S+d8T
        OjAKBggqhkjOPQQDAgNIADBFAiBdtoxu6JJ9zV/lSoNemGKfW4GaC7UIwXCj0kyQ
        +OqdmQIhANRY5jVKZt1kaCg4KacjTFbCXw5HDRronG9D/0J6nkS5
        -----END CERTIFICATE-----
        """

    static let serverKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgTAEs3TB2YFifGotI
        K++nbmW8Cv47A4zrAv6MJ7f1touhRANCAATpnItPGnZUMqMubarrBcqrFrEl0faA
        88otxF7R3sMvKazBUtiRCAk2t2Xj5x1lJnuQDVKF1mpNVllUxTCBCr2S
        -----END PRIVATE KEY-----
        """
}
