using System.Text;
using ControlPlane.Cells;

namespace ControlPlane.Core.Tests.Cells;

public sealed class TextFormsTests
{
    private const string Word = "k7canary2x9qzwvt";

    public static TheoryData<string, byte[]> Ways => new()
    {
        { "as it is", Encoding.UTF8.GetBytes(Word) },
        { "in capitals", Encoding.UTF8.GetBytes(Word.ToUpperInvariant()) },
        { "backwards", Encoding.UTF8.GetBytes([.. Word.Reverse()]) },
        { "hex", Encoding.UTF8.GetBytes(Convert.ToHexStringLower(Encoding.UTF8.GetBytes(Word))) },
        { "HEX", Encoding.UTF8.GetBytes(Convert.ToHexString(Encoding.UTF8.GetBytes(Word))) },
        { "base64", Encoding.UTF8.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes(Word))) },
        { "base64 + 1", Encoding.UTF8.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes($"a{Word}b"))) },
        { "base64 + 2", Encoding.UTF8.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes($"ab{Word}cde"))) },
        { "UTF-16", Encoding.Unicode.GetBytes(Word) },
        { "UTF-16, big end", Encoding.BigEndianUnicode.GetBytes(Word) },
        { "base64 of UTF-16", Encoding.UTF8.GetBytes(Convert.ToBase64String(Encoding.Unicode.GetBytes($"a{Word}"))) },
        { "percent", Encoding.UTF8.GetBytes(string.Concat(Word.Select(letter => $"%{(int)letter:x2}"))) },
        { "JSON", Encoding.UTF8.GetBytes(string.Concat(Word.Select(letter => $"\\u{(int)letter:x4}"))) },
        { "a piece", Encoding.UTF8.GetBytes(Word[1..13]) },
        { "a piece in hex", Encoding.UTF8.GetBytes(Convert.ToHexStringLower(Encoding.UTF8.GetBytes(Word[3..15]))) },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_word_is_found_however_it_is_written(string way, byte[] written)
    {
        var forms = new TextForms([Word]);
        byte[] around = [0xff, 0x00, 0xfe, .. written, 0x00, 0xff];

        Assert.True(forms.Find(around)?.Word == Word, way);
    }

    [Fact]
    public void Nothing_is_found_in_what_only_looks_like_it()
    {
        var forms = new TextForms([Word]);

        Assert.Null(forms.Find("k7canar y2x9qzw vt, canary, canaries: de-one-a h100"u8));
    }
}
