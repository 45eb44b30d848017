"""The sentences of the pages for people who apply, in German: on the left the English one, letter for letter.

Braces are for what is filled in. The rules for names, addresses and files are in other rooms and answer in English;
their sentences that can reach a person who applies are here too.
"""

_SAVE_AS_PDF = "Speichern Sie das Dokument als PDF und wählen Sie dieses aus."
_SAVE = "Save it as a PDF, and choose that."

FRAME = {
    "Skip to the content": "Zum Inhalt springen",
    "Privacy notice": "Datenschutzhinweis",
    "Page not found": "Seite nicht gefunden",
    "There is nothing at this address. Check it, or open the link you were given once more.":
        "Unter dieser Adresse gibt es nichts. Prüfen Sie die Adresse, oder öffnen Sie den Link, den Sie erhalten "
        "haben, noch einmal.",
    "Too many attempts": "Zu viele Versuche",
    "There were too many attempts in a short time. Wait an hour, then try again.":
        "Es gab zu viele Versuche in kurzer Zeit. Warten Sie eine Stunde und versuchen Sie es dann noch einmal.",
}  # fmt: skip

VACANCIES = {
    "Open vacancies": "Offene Stellen",
    "There is no open vacancy at the moment.": "Zurzeit gibt es keine offenen Stellen.",
    "See all open vacancies": "Alle offenen Stellen ansehen",
    "Apply until {day}": "Bewerbungsfrist: {day}",
    "Permanent": "Unbefristet",
    "Contract": "Freie Mitarbeit",
    "Casual": "Aushilfe",
    "Full time": "Vollzeit",
    "Part time": "Teilzeit",
    "Not open": "Nicht ausgeschrieben",
    "Nobody can apply here at the moment": "Hier kann man sich zurzeit nicht bewerben",
    "There is no open vacancy at this address.": "Unter dieser Adresse ist keine Stelle ausgeschrieben.",
}

FORM = {
    "Apply": "Jetzt bewerben",
    "Please check what you entered": "Bitte prüfen Sie Ihre Angaben",
    "First name": "Vorname",
    "Last name": "Nachname",
    "One name is enough.": "Einer der beiden Namen genügt.",
    "Email": "E-Mail",
    "We send the link to your own page there.": "Dorthin senden wir den Link zu Ihrer persönlichen Seite.",
    "Phone": "Telefon",
    "Optional.": "Freiwillig.",
    "CV": "Lebenslauf",
    "Letter": "Anschreiben",
    "{kinds}. At most {size} MB.": "{kinds}. Höchstens {size} MB.",
    "PDF, Word (DOCX), ODT, RTF, text (TXT), or a picture (PNG, JPEG)":
        "PDF, Word (DOCX), ODT, RTF, Text (TXT) oder ein Bild (PNG, JPEG)",
    "Optional. The same kinds of files.": "Freiwillig. Dieselben Dateiformate.",
    "We keep {name} for an hour. Choose a file only to replace it.":
        "Wir bewahren {name} eine Stunde lang auf. Wählen Sie nur dann eine Datei aus, wenn Sie sie ersetzen möchten.",
    "Yes": "Ja",
    "No": "Nein",
    "Leave this field empty": "Lassen Sie dieses Feld leer",
    "Keep my data for other openings for {months} months":
        "Meine Daten {months} Monate lang für andere Stellen aufbewahren",
    "You can change this at any time on your own page.":
        "Sie können das jederzeit auf Ihrer persönlichen Seite ändern.",
    "We use your data to decide about your application. The {notice} says how, and how long we keep it.":
        "Wir verwenden Ihre Daten, um über Ihre Bewerbung zu entscheiden. Wie das geschieht und wie lange wir sie "
        "aufbewahren, "
        "steht im {notice}.",
    "privacy notice": "Datenschutzhinweis",
    "Send application": "Bewerbung absenden",
    "Sending…": "Wird gesendet …",
}  # fmt: skip

WRONG = {
    "Choose your CV.": "Wählen Sie Ihren Lebenslauf aus.",
    "Answer this question.": "Beantworten Sie diese Frage.",
    "Not a valid choice.": "Wählen Sie eine der Antworten.",
    "Field cannot be longer than {most} characters.": "Kürzen Sie Ihre Antwort auf höchstens {most} Zeichen.",
    "Enter a first name or a last name.": "Geben Sie einen Vornamen oder einen Nachnamen ein.",
    "Enter an email address.": "Geben Sie eine E-Mail-Adresse ein.",
    "“{value}” is not an email address: enter one like name@example.com.":
        "„{value}“ ist keine E-Mail-Adresse. Geben Sie eine wie name@example.com ein.",
    "This has {count} characters: shorten it to {most}.": "Das sind {count} Zeichen. Kürzen Sie den Text auf {most}.",
    "There is a line break or another invisible character in it: type it again.":
        "Darin ist ein Zeilenumbruch oder ein anderes unsichtbares Zeichen. Geben Sie es noch einmal ein.",
    "There is a character in it that nobody sees ({name}): type it again.":
        "Darin ist ein unsichtbares Zeichen ({name}). Geben Sie es noch einmal ein.",
    "“{value}” is in powers of ten, so its last digits are lost: format the cell as text, and type it again.":
        "„{value}“ ist eine Zehnerpotenz, die letzten Ziffern fehlen. Geben Sie die Nummer noch einmal ein.",
    "“{value}” was taken for an amount by a program, which loses zeros in front: save the column as text.":
        "„{value}“ ist wie ein Betrag geschrieben. Geben Sie die Nummer noch einmal ein, mit allen Nullen am Anfang.",
    "“{value}” is how a spreadsheet shows an error: correct it there.":
        "„{value}“ ist die Fehlermeldung einer Tabelle. Geben Sie ein, was dort stehen sollte.",
    "“{value}” is in the writing of web pages: it means “{meant}”. Type it as it is meant.":
        "„{value}“ ist wie in einer Webseite geschrieben und bedeutet „{meant}“. Geben Sie es so ein, wie es gemeint "
        "ist.",
    "“{value}” lost a letter when the file was saved, and has a question mark in its place.":
        "In „{value}“ steht ein Fragezeichen, wo ein Buchstabe fehlt. Geben Sie es noch einmal ein.",
    "“{value}” lost a letter when the file was saved: save it again as “CSV UTF-8” from where it is right.":
        "In „{value}“ fehlt ein Buchstabe. Geben Sie es noch einmal ein.",
    "“{value}” was damaged when the file was saved. It may mean “{meant}”.":
        "„{value}“ enthält beschädigte Zeichen. Vielleicht ist „{meant}“ gemeint.",
    "{vacancy} is no longer open for applications.": "Für „{vacancy}“ nehmen wir keine Bewerbungen mehr an.",
    "A field that nobody sees was filled in, perhaps by your browser. We have emptied it: send it again.":
        "Ein unsichtbares Feld war ausgefüllt, vielleicht von Ihrem Browser. Wir haben es geleert: Senden Sie die "
        "Bewerbung noch "
        "einmal ab.",
    "Check what you entered, and press Send application again.":
        "Prüfen Sie Ihre Angaben und drücken Sie noch einmal auf „Bewerbung absenden“.",
    "This form was open for more than a day. Check what you entered, and press Send application again.":
        "Dieses Formular war länger als einen Tag geöffnet. Prüfen Sie Ihre Angaben und drücken Sie noch einmal auf "
        "„Bewerbung "
        "absenden“.",
    "This form was open for too long. Check what you entered, choose your files, and send it again.":
        "Dieses Formular war zu lange geöffnet. Prüfen Sie Ihre Angaben, wählen Sie Ihre Dateien aus und senden Sie "
        "die Bewerbung noch einmal ab.",
    "That was very quick. Check what you entered, and press Send application again.":
        "Das ging sehr schnell. Prüfen Sie Ihre Angaben und drücken Sie noch einmal auf „Bewerbung absenden“.",
    "Several applications came from your network within an hour. Wait an hour, then send yours.":
        "Aus Ihrem Netz kamen innerhalb einer Stunde mehrere Bewerbungen. Warten Sie eine Stunde und senden Sie dann "
        "Ihre ab.",
    "Very many applications for this vacancy came within an hour. Wait an hour, then send yours.":
        "Für diese Stelle kamen innerhalb einer Stunde sehr viele Bewerbungen. Warten Sie eine Stunde und senden Sie "
        "dann Ihre ab.",
}  # fmt: skip

FILES = {
    "We kept your file for an hour. Choose it again.":
        "Wir haben Ihre Datei eine Stunde lang aufbewahrt. Wählen Sie sie noch einmal aus.",
    "Your files are too large. Choose files of at most {size} MB each.":
        "Ihre Dateien sind zu groß. Wählen Sie Dateien von jeweils höchstens {size} MB.",
    "The file is empty. Choose another one.": "Die Datei ist leer. Wählen Sie eine andere aus.",
    "The file is larger than {size} MB. Choose a smaller one.":
        "Die Datei ist größer als {size} MB. Wählen Sie eine kleinere aus.",
    "We do not take this kind of file. We take {kinds}.":
        "Dateien dieser Art nehmen wir nicht an. Möglich sind PDF, Word (DOCX), ODT, RTF, Text (TXT) oder ein Bild "
        "(PNG, JPEG).",
    f"This is a document of an old Office format, or it has a password. {_SAVE}":
        f"Das Dokument hat ein altes Office-Format oder ist mit einem Kennwort geschützt. {_SAVE_AS_PDF}",
    f"There is something else in this file besides the document. {_SAVE}":
        f"In dieser Datei ist außer dem Dokument noch etwas anderes. {_SAVE_AS_PDF}",
    f"The PDF is damaged, or only a part of it arrived. {_SAVE}":
        f"Das PDF ist beschädigt oder nur teilweise angekommen. {_SAVE_AS_PDF}",
    f"The document is damaged, or only a part of it arrived. {_SAVE}":
        f"Das Dokument ist beschädigt oder nur teilweise angekommen. {_SAVE_AS_PDF}",
    f"This text has another file embedded. {_SAVE}":
        f"In diesen Text ist eine andere Datei eingebettet. {_SAVE_AS_PDF}",
    f"This is a web page, a drawing (SVG) or a program, and not a plain text. {_SAVE}":
        f"Das ist eine Webseite, eine Zeichnung (SVG) oder ein Programm und kein einfacher Text. {_SAVE_AS_PDF}",
    f"The document has too many parts. {_SAVE}": f"Das Dokument hat zu viele Bestandteile. {_SAVE_AS_PDF}",
    f"The document is too large once it is unpacked. {_SAVE}": f"Das Dokument ist entpackt zu groß. {_SAVE_AS_PDF}",
    f"The document has a password. {_SAVE}": f"Das Dokument ist mit einem Kennwort geschützt. {_SAVE_AS_PDF}",
    f"The document has macros or an embedded program. {_SAVE}":
        f"Das Dokument enthält Makros oder ein eingebettetes Programm. {_SAVE_AS_PDF}",
}  # fmt: skip

ANSWER = {
    "Thank you": "Vielen Dank",
    "Thank you for your application": "Vielen Dank für Ihre Bewerbung",
    "{organisation} has your application for {vacancy}.":
        "Ihre Bewerbung ist bei {organisation} eingegangen: {vacancy}.",
    "We send the link to your own page to the email address that you entered. There you see what we hold about you, "
    "and can "
    "download it, withdraw, or delete your data.":
        "Wir senden den Link zu Ihrer persönlichen Seite an die E-Mail-Adresse, die Sie angegeben haben. Dort sehen "
        "Sie, was wir "
        "über Sie gespeichert haben. Sie können es herunterladen, Ihre Bewerbung zurückziehen oder Ihre Daten löschen.",
    "If several applications come from one address, we send at most one email an hour and three a day. The link in "
    "the latest "
    "one opens all of your applications.":
        "Kommen mehrere Bewerbungen von einer Adresse, senden wir höchstens eine E-Mail pro Stunde und drei am Tag. "
        "Der Link in "
        "der letzten E-Mail öffnet alle Ihre Bewerbungen.",
}  # fmt: skip

PRIVACY = {
    "{organisation} uses what you send with an application to decide about it. Only the people who fill the vacancy "
    "see it.":
        "{organisation} verwendet Ihre Bewerbung, um darüber zu entscheiden. Nur wer an der Besetzung der Stelle "
        "beteiligt ist, "
        "sieht sie.",
    "We delete it {months} months after the end of your last application. If you agree that we keep it for other "
    "openings, we "
    "delete it {longer} months after that.":
        "Wir löschen Ihre Daten {months} Monate, nachdem Ihre letzte Bewerbung abgeschlossen ist. Wenn Sie "
        "einwilligen, dass wir "
        "sie für andere Stellen aufbewahren, löschen wir sie {longer} Monate nach Ihrer Einwilligung.",
    "The link in our emails opens your own page. There you see what we hold, and can download it, withdraw, agree or "
    "no longer "
    "agree to being kept, or delete your data at once.":
        "Der Link in unseren E-Mails öffnet Ihre persönliche Seite. Dort sehen Sie, was wir gespeichert haben. Sie "
        "können es "
        "herunterladen, Ihre Bewerbung zurückziehen, in die Aufbewahrung einwilligen, die Einwilligung widerrufen "
        "oder Ihre Daten "
        "sofort löschen.",
}  # fmt: skip

OWN_PAGE = {
    "Your application": "Ihre Bewerbung",
    "See what {organisation} holds about you, download it, withdraw, or delete your data.":
        "Hier sehen Sie, was {organisation} über Sie gespeichert hat. Sie können es herunterladen, Ihre Bewerbung "
        "zurückziehen oder "
        "Ihre Daten löschen.",
    "Show my application": "Meine Bewerbung anzeigen",
    "This link leads nowhere": "Dieser Link funktioniert nicht",
    "Your data is deleted, or the link is not complete. Open the link in your latest email once more.":
        "Ihre Daten sind gelöscht, oder der Link ist nicht vollständig. Öffnen Sie den Link in Ihrer letzten E-Mail "
        "noch einmal.",
    "You": "Ihre Angaben",
    "Name": "Name",
    "Sent": "Gesendet am",
    "State": "Stand",
    "Hired": "Eingestellt",
    "Not taken": "Abgesagt",
    "Withdrawn": "Zurückgezogen",
    "We are looking at it": "Wird geprüft",
    "Withdraw": "Bewerbung zurückziehen",
    "Withdrawing…": "Wird zurückgezogen …",
    "the application for {vacancy}": "({vacancy})",
    "Your application is withdrawn.": "Ihre Bewerbung ist zurückgezogen.",
    "Files": "Dateien",
    "Your data": "Ihre Daten",
    "You agreed that we keep your data for other openings until {day}.":
        "Sie haben eingewilligt, dass wir Ihre Daten bis zum {day} für andere Stellen aufbewahren.",
    "We keep your data for your applications only. After the last one has ended we delete it.":
        "Wir bewahren Ihre Daten nur für Ihre Bewerbungen auf. Nach Abschluss der letzten löschen wir sie.",
    "We keep your data for your applications only. After the last one has ended we delete it on {day}.":
        "Wir bewahren Ihre Daten nur für Ihre Bewerbungen auf. Nach Abschluss der letzten löschen wir sie am {day}.",
    "The hiring team’s own notes are not shown here. Ask the HR team if you want to know what is in them.":
        "Interne Notizen zu Ihrer Bewerbung werden hier nicht angezeigt. Wenn Sie wissen möchten, was darin steht, "
        "wenden Sie sich an die Personalabteilung.",
    "Download": "Herunterladen",
    "Keep": "Weiter aufbewahren",
    "Keep no longer": "Nicht länger aufbewahren",
    "Keep means: {words}.": "„Weiter aufbewahren“ bedeutet: {words}.",
    "We keep your data for other openings.": "Wir bewahren Ihre Daten für andere Stellen auf.",
    "We no longer keep your data for other openings.": "Wir bewahren Ihre Daten nicht länger für andere Stellen auf.",
    "Delete my data": "Meine Daten löschen",
    "Before your data is deleted": "Bevor Ihre Daten gelöscht werden",
    "Delete my data?": "Meine Daten löschen?",
    "What will happen": "Was geschieht",
    "What stays as it is": "Was bleibt",
    "Your name, addresses, answers, files and emails are deleted at once.":
        "Ihr Name, Ihre Adressen, Antworten, Dateien und E-Mails werden sofort gelöscht.",
    "Your applications end. Nobody can bring them back.":
        "Ihre Bewerbungen sind damit beendet. Niemand kann sie wiederherstellen.",
    "You can apply again at any time.": "Sie können sich jederzeit wieder bewerben.",
    "Emails in the inboxes of people who wrote to you stay there.":
        "E-Mails in den Postfächern der Personen, die Ihnen geschrieben haben, bleiben dort.",
    "Deleting…": "Wird gelöscht …",
    "Cancel": "Abbrechen",
    "Your data is deleted": "Ihre Daten sind gelöscht",
    "{organisation} no longer holds your name, addresses, answers, files and emails. A copy for emergencies may hold "
    "them for some "
    "weeks; nobody reads it, and they are deleted again if it is ever used.":
        "{organisation} hat Ihren Namen, Ihre Adressen, Antworten, Dateien und E-Mails gelöscht. In einer "
        "Sicherungskopie für "
        "Notfälle können sie noch einige Wochen enthalten sein. Niemand liest sie, und falls die Kopie je gebraucht "
        "wird, werden "
        "Ihre Daten erneut gelöscht.",
    "We cannot delete this at once": "Wir können Ihre Daten nicht sofort löschen",
    "Your application led to a contract, so parts of your data belong to your employment.":
        "Sie wurden eingestellt. Ein Teil Ihrer Daten gehört deshalb zu Ihrem Arbeitsverhältnis.",
    "We have told the HR team that you ask for it. They will write to you.":
        "Wir haben der Personalabteilung mitgeteilt, dass Sie die Löschung wünschen. Sie wird Ihnen schreiben.",
}  # fmt: skip

INTERVIEWS = {
    "Interview: {vacancy}": "Vorstellungsgespräch: {vacancy}",
    "When": "Wann",
    "Where": "Wo",
    "Video call": "Videogespräch",
    "Join": "Teilnehmen",
    "With": "Mit",
    "Your answer": "Ihre Antwort",
    "You will come": "Sie kommen",
    "You may come": "Sie kommen vielleicht",
    "You cannot come": "Sie können nicht kommen",
    "Not given yet": "Noch keine",
    "This interview is called off.": "Dieses Gespräch ist abgesagt.",
    "A sentence, if you like": "Eine Nachricht, wenn Sie möchten",
    "I will come": "Ich komme",
    "I cannot": "Ich kann nicht",
    "Thank you. We look forward to meeting you.": "Vielen Dank. Wir freuen uns darauf, Sie kennenzulernen.",
    "Thank you for telling us.": "Vielen Dank für Ihre Nachricht.",
    "Your answer comes too late": "Ihre Antwort kommt zu spät",
    "This interview is over, or it was called off.": "Dieses Gespräch ist vorbei oder wurde abgesagt.",
    "Write to the people who invited you.": "Wenden Sie sich an die Personen, die Sie eingeladen haben.",
}

SENTENCES = FRAME | VACANCIES | FORM | WRONG | FILES | ANSWER | PRIVACY | OWN_PAGE | INTERVIEWS
