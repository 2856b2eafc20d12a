namespace MotionGateway.MotionServer.Tests.Errors;

public sealed class SecretMaskTests
{
    private const string Secret = "sk/live+abc\"1";

    [Theory]
    [InlineData("key sk/live+abc\"1 is wrong", "key *** is wrong")]
    [InlineData("sk/live+abc\"1sk/live+abc\"1", "******")]
    [InlineData("""{"detail":"sk/live\u002Babc\u00221"}""", """{"detail":"***"}""")]
    [InlineData("""{"detail":"sk/live\u002babc\u00221"}""", """{"detail":"***"}""")]
    [InlineData("?sessionKey=sk%2Flive%2Babc%221&x=1", "?sessionKey=***&x=1")]
    [InlineData("?sessionKey=sk%2flive%2babc%221", "?sessionKey=***")]
    [InlineData("""sk/live+ab \u002 %2 %zz \ sk%2""", """sk/live+ab \u002 %2 %zz \ sk%2""")]
    [InlineData("", "")]
    [InlineData(null, null)]
    public void Mask_SecretInAnyForm_IsMasked(string? text, string? expected) => Assert.Equal(expected, new Secrets(null, "", Secret).Mask(text));

    [Theory]
    [InlineData("a%25\\b", "is a%25\\b")]
    [InlineData("a%25\\b", "is a%2525%5cb")]
    [InlineData("a%25\\b", """is a%25\\b""")]
    [InlineData("sk/plain", """is sk\/plain""")]
    [InlineData("ключ\U0001F511", "is ключ\U0001F511")]
    [InlineData("ключ\U0001F511", "is %D0%BA%D0%BB%D1%8E%D1%87%F0%9F%94%91")]
    [InlineData("ключ\U0001F511", """is \u043A\u043B\u044E\u0447\uD83D\uDD11""")]
    public void Mask_OddSecret_IsMasked(string secret, string text) => Assert.Equal("is ***", new Secrets(secret).Mask(text));

    [Fact]
    public void Mask_SecretThatBeginsWithAnother_IsMaskedWhole() =>
        Assert.Equal("*** and ***", new Secrets("key").With("key.more").Mask("key.more and key"));

    [Fact]
    public void Mask_LargestBody_StaysAsItIs()
    {
        string body = new('s', HttpAnswer.MaxBodyBytes);

        Assert.Equal(body, new Secrets(Secret, "token-4fd1c07e").Mask(body));
    }
}
