
namespace Aether.ControllerRuntime.Tests.Objects;

[Trait("Kind", "Unit")]
public sealed class EnvironmentProxyTests
{
    // The rules of golang.org/x/net/http/httpproxy, which kubectl follows.
    [Theory, Trait("Field", "F13")]
    [InlineData("10.96.0.0/12", "https://10.96.0.1", true)]
    [InlineData("10.96.0.0/12", "https://10.111.255.255:6443", true)]
    [InlineData("10.96.0.0/12", "https://10.112.0.1", false)]
    [InlineData("10.96.3.4/12", "https://10.100.0.1", true)]
    [InlineData("0.0.0.0/0", "https://10.112.0.1", true)]
    [InlineData("10.0.0.0/33", "https://10.0.0.1", false)]
    [InlineData("10.0.0.0/8", "https://10.0.0.1.example.com", false)]
    [InlineData("fd00::/8", "https://[fd00:10::1]:443", true)]
    [InlineData("fd00::/8", "https://[2001:db8::1]", false)]
    [InlineData("10.0.0.1", "https://10.0.0.1:6443", true)]
    [InlineData("10.0.0.1:6443", "https://10.0.0.1:6443", true)]
    [InlineData("10.0.0.1:6443", "https://10.0.0.1", false)]
    [InlineData("10.0.0.1", "https://10.0.0.11", false)]
    [InlineData("::ffff:10.0.0.1", "https://10.0.0.1", true)]
    [InlineData("fd00::1", "https://[fd00:0::1]:6443", true)]
    [InlineData("[fd00::1]:6443", "https://[fd00::1]:6443", true)]
    [InlineData("[fd00::1]:6443", "https://[fd00::1]", false)]
    [InlineData("example.com", "https://example.com", true)]
    [InlineData("example.com", "https://api.example.com", true)]
    [InlineData("example.com", "https://anexample.com", false)]
    [InlineData("example.com", "https://example.com.evil.org", false)]
    [InlineData(".example.com", "https://api.example.com", true)]
    [InlineData(".example.com", "https://example.com", false)]
    [InlineData("*.example.com", "https://api.example.com", true)]
    [InlineData("*.example.com", "https://example.com", false)]
    [InlineData("example.com:6443", "https://api.example.com:6443", true)]
    [InlineData("example.com:6443", "https://api.example.com", false)]
    [InlineData("EXAMPLE.com", "https://API.example.COM", true)]
    [InlineData(" a.b , example.com ,", "https://example.com", true)]
    [InlineData("svc,cluster.local", "https://kubernetes.default.svc", true)]
    [InlineData("*", "https://anywhere.org", true)]
    [InlineData("a.b,*", "https://anywhere.org", true)]
    [InlineData("", "https://anywhere.org", false)]
    [InlineData(":443,[],/8", "https://anywhere.org", false)]
    [InlineData("", "https://localhost:6443", true)]
    [InlineData("", "https://127.0.0.5:6443", true)]
    [InlineData("", "https://[::1]:6443", true)]
    public void NO_PROXY_excludes_the_same_hosts_as_for_kubectl(string list, string destination, bool direct)
    {
        var proxy = Proxy(("HTTPS_PROXY", "http://proxy:3128"), ("NO_PROXY", list));

        Assert.Equal(direct, proxy.IsBypassed(new Uri(destination)));
        Assert.Equal(direct ? null : new Uri("http://proxy:3128"), proxy.GetProxy(new Uri(destination)));
    }

    [Theory, Trait("Field", "F13")]
    [InlineData("HTTPS_PROXY", "http://upper:1", "https://api", "http://upper:1/")]
    [InlineData("https_proxy", "http://lower:1", "https://api", "http://lower:1/")]
    [InlineData("HTTP_PROXY", "http://plain:1", "http://api", "http://plain:1/")]
    [InlineData("HTTP_PROXY", "http://plain:1", "https://api", null)]
    [InlineData("HTTPS_PROXY", "http://secure:1", "http://api", null)]
    [InlineData("HTTPS_PROXY", "proxy.example.com:3128", "https://api", "http://proxy.example.com:3128/")]
    [InlineData("HTTPS_PROXY", "socks5h://proxy:1080", "https://api", "socks5://proxy:1080/")]
    [InlineData("ALL_PROXY", "http://all:1", "https://api", null)]
    public void The_scheme_of_the_API_server_decides_which_variable_counts(
        string name, string value, string destination, string? expected) =>
        Assert.Equal(expected, Proxy((name, value)).GetProxy(new Uri(destination))?.AbsoluteUri);

    [Fact, Trait("Field", "F13")]
    public void Upper_case_variable_wins_over_lower_case_and_an_empty_one_counts_as_unset()
    {
        var upper = Proxy(("HTTPS_PROXY", "http://upper:1"), ("https_proxy", "http://lower:1"));
        var lower = Proxy(("HTTPS_PROXY", ""), ("https_proxy", "http://lower:1"), ("no_proxy", "svc"));

        Assert.Equal("upper", upper.GetProxy(new Uri("https://api"))?.Host);
        Assert.Equal("lower", lower.GetProxy(new Uri("https://api"))?.Host);
        Assert.True(lower.IsBypassed(new Uri("https://kubernetes.default.svc")));
    }

    [Fact, Trait("Field", "F13")]
    public void Proxy_login_is_used_and_a_wrong_address_is_refused_without_showing_it()
    {
        var login = Proxy(("HTTPS_PROXY", "http://me:p%40ss@proxy:1")).Credentials!
            .GetCredential(new Uri("http://proxy:1"), "Basic");
        var refusal = Assert.Throws<ArgumentException>(() => Proxy(("HTTPS_PROXY", "ftp://me:hush@proxy")));

        Assert.Equal(("me", "p@ss"), (login!.UserName, login.Password));
        Assert.Contains("HTTPS_PROXY", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", refusal.Message, StringComparison.Ordinal);
    }

    private static EnvironmentProxy Proxy(params (string Name, string Value)[] variables) => new(
        name => variables.Where(variable => variable.Name == name).Select(variable => variable.Value).FirstOrDefault());
}
