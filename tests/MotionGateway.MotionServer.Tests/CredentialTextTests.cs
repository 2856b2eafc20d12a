namespace MotionGateway.MotionServer.Tests;

public sealed class CredentialTextTests
{
    private const string Secret = "sk/live+abc\"1";

    [Theory]
    [InlineData("key sk/live+abc\"1 is wrong", "key *** is wrong")]
    [InlineData("sk/live+abc\"1sk/live+abc\"1", "******")]
    [InlineData("""{"detail":"sk\/live\u002babc\"1"}""", """{"detail":"***"}""")]
    [InlineData("""{"detail":"sk\/live\u002Babc\u00221"}""", """{"detail":"***"}""")]
    [InlineData("""{"detail":"\u0073\u006b\u002flive+abc\"1"}""", """{"detail":"***"}""")]
    [InlineData(""" "{\"detail\":\"sk\\\/live\\u002babc\\\"1\"}" """, """ "{\"detail\":\"***\"}" """)]
    [InlineData("?sessionKey=sk%2Flive%2Babc%221&x=1", "?sessionKey=***&x=1")]
    [InlineData("?sessionKey=sk%2flive%2babc%221", "?sessionKey=***")]
    [InlineData("?sessionKey=%73k/live+abc%221", "?sessionKey=***")]
    [InlineData("""sk/live+ab \u002 %2 %zz \ sk%2""", """sk/live+ab \u002 %2 %zz \ sk%2""")]
    [InlineData("SK/LIVE+ABC\"1", "SK/LIVE+ABC\"1")]
    [InlineData("", "")]
    [InlineData(null, null)]
    public void Redact_SecretInAnyForm_IsMasked(string? text, string? expected) => Assert.Equal(expected, CredentialText.Redact(text, null, "", Secret));

    [Theory]
    [InlineData("a%25\\b", "is a%25\\b")]
    [InlineData("a%25\\b", "is a%2525%5cb")]
    [InlineData("a%25\\b", """is a%25\\b""")]
    [InlineData("ключ\U0001F511", "is ключ\U0001F511")]
    [InlineData("ключ\U0001F511", "is %D0%BA%d0%bb%D1%8E%D1%87%F0%9F%94%91")]
    [InlineData("ключ\U0001F511", """is \u043a\u043B\u044e\u0447\ud83d\uDD11""")]
    public void Redact_OddSecret_IsMasked(string secret, string text) => Assert.Equal("is ***", CredentialText.Redact(text, secret));

    [Fact]
    public void Redact_SecretThatBeginsWithAnother_IsMaskedWhole() =>
        Assert.Equal("*** and ***", CredentialText.Redact("key.more and key", "key", "key.more"));

    [Theory]
    [InlineData('x')]
    [InlineData('\\')]
    [InlineData('s')]
    public void Redact_LargestBody_StaysAsItIs(char filler)
    {
        string body = new(filler, HttpAnswer.MaxBodyBytes);

        Assert.Equal(body, CredentialText.Redact(body, Secret, "token-4fd1c07e"));
    }
}
